puts "Hello from Ruby."
