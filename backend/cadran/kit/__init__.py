"""What knows HTTP and SQL and nothing of the business."""
