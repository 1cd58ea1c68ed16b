DELETE FROM names WHERE digest = %(digest)s
