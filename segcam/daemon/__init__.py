"""Everything around the pipeline: control, clients, state, processor budget, sleep."""
