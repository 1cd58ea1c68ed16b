-- It binds the contact point from now on, or was lifted.
DELETE FROM waiting_suppressions WHERE digest = %(digest)s AND owed = %(owed)s AND since = %(since)s AND code = %(code)s
