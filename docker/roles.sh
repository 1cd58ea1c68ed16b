#!/bin/sh
# The database runs this at its first start. It creates the role that servers and workers log in as, a member of the
# ledger's writer: it may append, and owns no table, so it can neither change an event nor let anybody else do so.
set -eu
psql --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --quiet --set ON_ERROR_STOP=1 \
    --set "ledger_writer=${PLEDGER_LEDGER:-pledger}_writer" --set "password=$PLEDGER_APP_PASSWORD" <<'SQL'
CREATE ROLE :"ledger_writer";
CREATE ROLE pledger_app LOGIN PASSWORD :'password' IN ROLE :"ledger_writer";
SQL
