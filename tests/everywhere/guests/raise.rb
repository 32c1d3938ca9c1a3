# Recurses too deeply, survives it, and fails.
def deeper(n) = deeper(n + 1)
begin
  deeper(0)
rescue SystemStackError => error
  puts error.message
end
at_exit { puts 'at exit' }
raise ArgumentError, 'nobody rescues this'
