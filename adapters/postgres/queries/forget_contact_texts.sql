-- Forget the texts of contact points that stood in deleted values alone.
SELECT forget_contact_texts(%(streams)s::uuid[], %(ordinals)s::integer[])
