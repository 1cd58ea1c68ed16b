#!/bin/sh
# Run once by the database's own start: the role that servers and workers log in as. It may do what the ledger's writer
# may, which is to append; it owns no table, so that it can neither change an event nor let anybody else do so.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --quiet --set ON_ERROR_STOP=1 \
    --set "ledger_writer=${PLEDGER_LEDGER:-pledger}_writer" --set "password=$PLEDGER_APP_PASSWORD" <<'SQL'
CREATE ROLE :"ledger_writer";
CREATE ROLE pledger_app LOGIN PASSWORD :'password' IN ROLE :"ledger_writer";
SQL
