"""The time limits of utilization review and Independent Medical Review, as dates."""
