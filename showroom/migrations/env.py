"""What Alembic runs for each migration; `showroom.database.migrate` hands it the connection."""

from alembic import context

from showroom import lead_tables  # noqa: F401 - its tables are part of the schema
from showroom.tables import metadata

connection = context.config.attributes["connection"]
# Batches because SQLite changes a table only by copying it.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
