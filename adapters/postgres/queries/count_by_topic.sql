SELECT topic, count(*) FROM events GROUP BY topic ORDER BY topic
