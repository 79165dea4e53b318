"""What Alembic runs for each migration; `showroom.database.migrate` hands it the connection."""

from alembic import context

from showroom.audit_tables import audit_entries
from showroom.figure_tables import call_rollups
from showroom.lead_tables import leads
from showroom.mail_tables import figure_mails
from showroom.media_tables import photos
from showroom.privacy_tables import erasures
from showroom.staff_tables import staff_links
from showroom.traffic_tables import traffic
from showroom.work_tables import stints

# One and the same; who names the tables here has their modules loaded.
tables = (
    audit_entries,
    call_rollups,
    erasures,
    figure_mails,
    leads,
    photos,
    staff_links,
    stints,
    traffic,
)
(metadata,) = {table.metadata for table in tables}
connection = context.config.attributes["connection"]
# Batches because SQLite changes a table only by copying it.
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
