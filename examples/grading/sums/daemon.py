# Would outlive the test if it could: sleeps, and sleeps again. A sleep takes no time here, but steps.
import time

while True:
    time.sleep(3600)
