print("Hello from Python.")
