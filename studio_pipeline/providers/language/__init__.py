"""Language models: the port, asking one (``asking.py``), reading its answer (``reading.py``), and the adapters."""
