"""What Alembic runs for each migration; `showroom.database.migrate` hands it the connection."""

from alembic import context

from showroom.lead_tables import leads

connection = context.config.attributes["connection"]
# Batches because SQLite changes a table only by copying it.
context.configure(connection=connection, target_metadata=leads.metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
