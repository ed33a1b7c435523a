require "json"
require "net/http"

module Heddle
  ATTEMPTS = 3
  TIMEOUT = 10 # seconds
  LONGEST_WAIT = 30 # seconds

  class PublishError < StandardError; end

  # Makes the open widgets of a visitor fetch again. Raises PublishError with Heddle's reason, or what Net::HTTP raises
  # if Heddle can't be reached.
  #
  # url: "https://<project>.supabase.co"; api_key: "hdl_…"
  # change: a hash with endUserId, conversationId or endUserIds (an array), or several of them;
  #   event (a hash) has content for those who have the conversation open: see docs/realtime.md
  def self.publish(url, api_key, change)
    raise PublishError, "The API key holds white space, such as the newline at a file's end." if api_key.match?(/\s/)

    uri = URI("#{url.chomp("/")}/functions/v1/realtime-publish")
    request = Net::HTTP::Post.new(uri, "x-api-key" => api_key, "content-type" => "application/json")
    request.body = JSON.generate(change)
    limits = { open_timeout: TIMEOUT, read_timeout: TIMEOUT, max_retries: 0 }

    (1..ATTEMPTS).each do |attempt|
      response = Net::HTTP.start(uri.host, uri.port, use_ssl: uri.scheme == "https", **limits) do |http|
        http.request(request)
      end
      answer = parse(response.body)
      return if response.code == "200" && answer["ok"]

      unless %w[429 503].include?(response.code) && attempt < ATTEMPTS
        # Where the function did not run, the platform answers in its own way.
        reason = answer["error"].is_a?(Hash) ? answer["error"] : answer
        reasons = [reason["message"] || "no reason given"]
        reasons += reason.fetch("issues", []).map { |issue| "#{issue["path"]}: #{issue["message"]}" }
        raise PublishError, "Heddle answered #{response.code} #{reason["code"]}: #{reasons.join("; ")}"
      end
      seconds = Integer(response["retry-after"], 10, exception: false) || 1
      sleep [seconds, LONGEST_WAIT].min
    end
  end

  def self.parse(body)
    answer = JSON.parse(body.to_s)
    answer.is_a?(Hash) ? answer : {}
  rescue JSON::ParserError
    {} # a proxy may answer HTML
  end
  private_class_method :parse
end
