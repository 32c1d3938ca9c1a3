# Greets, and says what it runs on.
puts "Hello from Ruby #{RUBY_VERSION}, inside a sandbox on #{RUBY_PLATFORM}."
