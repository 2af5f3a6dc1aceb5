# The HTTP API: routes to functions and nothing else. Who a caller is, and what they
# may do, the functions decide; the API's own limit is a last resort that protects the
# account, not a caller's rate limit.

resource "aws_apigatewayv2_api" "this" {
  name          = var.name
  description   = "Audit records in, audit records out"
  protocol_type = "HTTP"
}

resource "aws_apigatewayv2_integration" "this" {
  for_each = var.functions

  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_uri        = each.value.invoke_arn
  integration_method     = "POST"
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  # checkov:skip=CKV_AWS_309: functions authenticate each request by its API key, health alone needs none
  for_each = var.routes

  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  target             = "integrations/${aws_apigatewayv2_integration.this[each.value].id}"
  authorization_type = "NONE"
}

resource "aws_lambda_permission" "this" {
  for_each = var.functions

  statement_id  = "${var.name}-invokes"
  action        = "lambda:InvokeFunction"
  function_name = each.value.name
  principal     = "apigateway.amazonaws.com"
  # Any stage, method and path of this API, which the routes above decide.
  source_arn = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_158: no log line holds a record or a key; CloudWatch encrypts with keys of its own
  # checkov:skip=CKV_AWS_338: how long logs are kept is the operator's choice; the records themselves are the audit trail
  count = var.access_log_retention_days == null ? 0 : 1

  name              = "/aws/apigateway/${var.name}"
  retention_in_days = var.access_log_retention_days
}

resource "aws_apigatewayv2_stage" "this" {
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true

  dynamic "default_route_settings" {
    for_each = var.throttle[*]

    content {
      throttling_rate_limit  = default_route_settings.value.rate
      throttling_burst_limit = default_route_settings.value.burst
    }
  }

  dynamic "access_log_settings" {
    for_each = aws_cloudwatch_log_group.access

    content {
      destination_arn = access_log_settings.value.arn
      # The path without its query: filters name people.
      format = jsonencode({
        request_id        = "$context.requestId"
        at                = "$context.requestTimeEpoch"
        route             = "$context.routeKey"
        status            = "$context.status"
        bytes             = "$context.responseLength"
        latency_ms        = "$context.responseLatency"
        integration_ms    = "$context.integrationLatency"
        integration_error = "$context.integrationErrorMessage"
        source_ip         = "$context.identity.sourceIp"
        user_agent        = "$context.identity.userAgent"
      })
    }
  }

  depends_on = [aws_apigatewayv2_route.this]
}
