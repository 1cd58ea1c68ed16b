-- Which of these streams were opened under a contact point.
SELECT stream_id FROM names WHERE is_contact AND stream_id = ANY (%(streams)s::uuid[])
