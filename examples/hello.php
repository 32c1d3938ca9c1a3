<?php
// Greets, and says what it runs on.
printf("Hello from PHP %s, inside a sandbox on %s.\n", PHP_VERSION, PHP_OS);
