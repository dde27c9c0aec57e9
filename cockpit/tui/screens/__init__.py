"""Full screens over the dashboard."""
