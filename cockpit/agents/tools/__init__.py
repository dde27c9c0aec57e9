"""What analysts may look up while they think: read-only, bounded, and the same for the same view."""
