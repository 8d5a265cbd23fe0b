"""SQL that groups facts and decides nothing."""
