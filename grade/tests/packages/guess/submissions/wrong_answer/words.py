print("five", flush=True)
input()
