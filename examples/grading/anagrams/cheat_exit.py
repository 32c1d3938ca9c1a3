# Is over before it can be asked.
import os

os._exit(0)
