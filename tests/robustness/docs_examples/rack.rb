# Serves docs/examples/ruby/config.ru as a Rack server would: Ruby's own library has none.
require "socket"
require "stringio"

class Builder
  attr_reader :app

  def run(app)
    @app = app
  end
end

builder = Builder.new
file = File.expand_path("../../../docs/examples/ruby/config.ru", __dir__)
builder.instance_eval(File.read(file), file)

server = TCPServer.new("127.0.0.1", Integer(ENV.fetch("PORT")))
loop do
  client = server.accept
  method, uri = client.gets&.split
  next client.close unless uri

  path, query = uri.split("?", 2)
  env = { "REQUEST_METHOD" => method, "PATH_INFO" => path, "QUERY_STRING" => query || "", "REQUEST_URI" => uri }
  while (line = client.gets&.chomp) && !line.empty?
    name, value = line.split(": ", 2)
    env["HTTP_#{name.upcase.tr("-", "_")}"] = value
  end
  env["rack.input"] = StringIO.new(client.read(env["HTTP_CONTENT_LENGTH"].to_i) || "")
  status, headers, body = builder.app.call(env)
  client.write "HTTP/1.1 #{status} -\r\nconnection: close\r\n"
  headers.each { |name, value| client.write "#{name}: #{value}\r\n" }
  client.write "\r\n#{body.join}"
  client.close
end
