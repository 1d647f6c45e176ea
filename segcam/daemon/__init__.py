"""What runs beside the pipeline for as long as it does: control, and the computer's sleep."""
