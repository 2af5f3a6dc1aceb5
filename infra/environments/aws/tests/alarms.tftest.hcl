# Every alarm, word for word.

mock_provider "aws" {}

variables {
  name       = "xx"
  lane_names = ["xx-lane-0", "xx-lane-1"]
  functions = {
    ingest = { name = "xx-ingest", log_group = "/aws/lambda/xx-ingest" }
    writer = { name = "xx-writer", log_group = "/aws/lambda/xx-writer" }
    query  = { name = "xx-query", log_group = "/aws/lambda/xx-query" }
  }
  api_id     = "a1"
  topic_arns = ["arn:aws:sns:eu-central-1:123456789012:on-call"]

  # Of the environment; unused by the module.
  region                  = "eu-central-1"
  domain                  = "audit.example.com"
  zip_directory           = "tests/zips"
  deploy_role_arn         = "arn:aws:iam::123456789012:role/deploy"
  operator_principal_arns = ["arn:aws:iam::123456789012:role/on-call"]
  certificate_arn         = "arn:aws:acm:us-east-1:123456789012:certificate/c"
  edge_secrets            = ["0123456789abcdef0123456789abcdef"]
}

run "alarms" {
  module {
    source = "../../modules/alarms"
  }

  assert {
    condition = {
      for name, alarm in aws_cloudwatch_metric_alarm.above : name =>
      "${alarm.statistic} of ${alarm.namespace} ${alarm.metric_name} ${join(",", values(coalesce(alarm.dimensions, {})))} ${alarm.comparison_operator} ${alarm.threshold} in ${alarm.evaluation_periods} x ${alarm.period} s, without data ${alarm.treat_missing_data}"
      } == merge(
      merge([for n in [0, 1] : {
        "xx-lane-${n}-dead-letters" = "Maximum of AWS/SQS ApproximateNumberOfMessagesVisible xx-lane-${n}-dlq GreaterThanThreshold 0 in 1 x 60 s, without data notBreaching"
        "xx-lane-${n}-age"          = "Maximum of AWS/SQS ApproximateAgeOfOldestMessage xx-lane-${n} GreaterThanThreshold 300 in 1 x 60 s, without data notBreaching"
      }]...),
      merge([for f in ["ingest", "writer", "query"] : {
        "xx-${f}-errors"    = "Sum of AWS/Lambda Errors xx-${f} GreaterThanThreshold 0 in 1 x 300 s, without data notBreaching"
        "xx-${f}-throttles" = "Sum of AWS/Lambda Throttles xx-${f} GreaterThanThreshold 0 in 1 x 300 s, without data notBreaching"
      }]...),
      {
        "xx-api-5xx"    = "Sum of AWS/ApiGateway 5xx a1 GreaterThanThreshold 0 in 1 x 300 s, without data notBreaching"
        "xx-quarantine" = "Sum of AuditLayer/xx quarantine  GreaterThanThreshold 0 in 1 x 300 s, without data notBreaching"
        "xx-unlimited"  = "Sum of AuditLayer/xx unlimited  GreaterThanThreshold 0 in 1 x 300 s, without data notBreaching"
        "xx-integrity"  = "Sum of AuditLayer/xx integrity  GreaterThanThreshold 0 in 1 x 300 s, without data notBreaching"
      }
    )
    error_message = "Any dead letter, a lane older than 5 minutes, failed and refused invocations, 5xx, quarantine, rate limits that do not hold, contradictions."
  }

  assert {
    condition = (
      aws_cloudwatch_metric_alarm.silent.metric_name == "Invocations"
      && aws_cloudwatch_metric_alarm.silent.dimensions["FunctionName"] == "xx-writer"
      && aws_cloudwatch_metric_alarm.silent.comparison_operator == "LessThanThreshold"
      && aws_cloudwatch_metric_alarm.silent.threshold == 1
      && aws_cloudwatch_metric_alarm.silent.treat_missing_data == "breaching"
    )
    error_message = "A writer that nobody invokes is an alarm: the sweep runs each minute."
  }

  assert {
    condition = alltrue([for alarm in concat(values(aws_cloudwatch_metric_alarm.above), [aws_cloudwatch_metric_alarm.silent]) : (
      alarm.alarm_actions == toset(var.topic_arns) && alarm.ok_actions == toset(var.topic_arns)
    )])
    error_message = "Those on call hear of each, and of its end."
  }

  assert {
    condition = (
      aws_cloudwatch_log_metric_filter.quarantine.log_group_name == "/aws/lambda/xx-writer"
      && strcontains(aws_cloudwatch_log_metric_filter.quarantine.pattern, "rejected_message")
      && strcontains(aws_cloudwatch_log_metric_filter.quarantine.pattern, "unaddressed_message")
      && aws_cloudwatch_log_metric_filter.unlimited.log_group_name == "/aws/lambda/xx-ingest"
      && strcontains(aws_cloudwatch_log_metric_filter.unlimited.pattern, "rate_limit_open")
      && alltrue([for filter in values(aws_cloudwatch_log_metric_filter.integrity) : strcontains(filter.pattern, "!= \"rate_limit_open\"")])
      && [for filter in concat([aws_cloudwatch_log_metric_filter.quarantine, aws_cloudwatch_log_metric_filter.unlimited], values(aws_cloudwatch_log_metric_filter.integrity)) : "${filter.metric_transformation[0].namespace} ${filter.metric_transformation[0].name}"] == [
        "AuditLayer/xx quarantine", "AuditLayer/xx unlimited", "AuditLayer/xx integrity", "AuditLayer/xx integrity", "AuditLayer/xx integrity",
      ]
      && toset([for filter in values(aws_cloudwatch_log_metric_filter.integrity) : filter.log_group_name]) == toset([
        "/aws/lambda/xx-ingest", "/aws/lambda/xx-query", "/aws/lambda/xx-writer",
      ])
    )
    error_message = "The alarms on lines count what the filters count, of every function's log."
  }
}
