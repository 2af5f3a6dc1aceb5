# Two logs: each request that the distribution answered, and each that the firewall refused.
# Neither holds a query, because filters name people, nor an API key.

resource "aws_cloudwatch_log_group" "access" {
  # checkov:skip=CKV_AWS_158: no log line holds a record or a key; CloudWatch encrypts with keys of its own
  # checkov:skip=CKV_AWS_338: how long logs are kept is the operator's choice; the records themselves are the audit trail
  name              = "/aws/vendedlogs/cloudfront/${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_cloudwatch_log_delivery_source" "access" {
  name         = "${var.name}-edge"
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this.arn
}

resource "aws_cloudwatch_log_delivery_destination" "access" {
  name          = "${var.name}-edge"
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_cloudwatch_log_group.access.arn
  }
}

resource "aws_cloudwatch_log_delivery" "access" {
  delivery_source_name     = aws_cloudwatch_log_delivery_source.access.name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.access.arn

  # Without cs-uri-query and cs(Cookie).
  record_fields = [
    "timestamp", "x-edge-request-id", "c-ip", "cs-method", "cs-uri-stem", "cs(Host)", "cs(User-Agent)", "cs-protocol-version",
    "cs-bytes", "sc-status", "sc-bytes", "time-taken", "time-to-first-byte", "x-edge-location", "x-edge-detailed-result-type",
    "ssl-protocol", "ssl-cipher",
  ]
}

# The firewall takes only a log group whose name begins so.
resource "aws_cloudwatch_log_group" "firewall" {
  # checkov:skip=CKV_AWS_158: no log line holds a record or a key; CloudWatch encrypts with keys of its own
  # checkov:skip=CKV_AWS_338: how long logs are kept is the operator's choice; the records themselves are the audit trail
  name              = "aws-waf-logs-${var.name}"
  retention_in_days = var.log_retention_days
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  resource_arn            = aws_wafv2_web_acl.this.arn
  log_destination_configs = [aws_cloudwatch_log_group.firewall.arn]

  redacted_fields {
    query_string {}
  }

  redacted_fields {
    single_header {
      name = "authorization"
    }
  }

  logging_filter {
    default_behavior = "DROP"

    filter {
      behavior    = "KEEP"
      requirement = "MEETS_ANY"

      condition {
        action_condition {
          action = "BLOCK"
        }
      }
    }
  }
}
