"""The durable record: events, snapshots, read models."""
