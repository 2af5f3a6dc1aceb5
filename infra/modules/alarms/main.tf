# Every alarm, in one table. Each is about something that a person has to look at, and says
# what; docs/OPERATIONS.md says what to do.

locals {
  # A log line with a member "alarm" means that somebody has to look; the two of quarantine
  # and the one of a rate limit that does not hold have alarms of their own.
  log_patterns = {
    quarantine = "{ ($.alarm = \"rejected_message\") || ($.alarm = \"unaddressed_message\") }"
    integrity  = "{ ($.alarm IS TRUE) || (($.alarm = %[a-z]%) && ($.alarm != \"rejected_message\") && ($.alarm != \"unaddressed_message\") && ($.alarm != \"rate_limit_open\")) }"
    unlimited  = "{ $.alarm = \"rate_limit_open\" }"
  }
  namespace = "AuditLayer/${var.name}"

  lanes = merge([for name in var.lane_names : {
    "${name}-dead-letters" = {
      description = "A message of ${name} was given up after 9 days. It goes when it is 14 days old: find out why, then redrive it."
      metric      = ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum"]
      dimensions  = { QueueName = "${name}-dlq" }
      window_s    = 60
      above       = 0
    }
    "${name}-age" = {
      description = "Records of ${name} are accepted but not committed for over ${var.lane_age_s} seconds."
      metric      = ["AWS/SQS", "ApproximateAgeOfOldestMessage", "Maximum"]
      dimensions  = { QueueName = name }
      window_s    = 60
      above       = var.lane_age_s
    }
  }]...)

  functions = merge([for name in [for function in var.functions : function.name] : {
    "${name}-errors" = {
      description = "Invocations of ${name} failed: it crashed, ran out of time or memory, or could not start."
      metric      = ["AWS/Lambda", "Errors", "Sum"]
      dimensions  = { FunctionName = name }
      window_s    = 300
      above       = 0
    }
    "${name}-throttles" = {
      description = "Lambda refused invocations of ${name}: its reserved concurrency or the account's is used up."
      metric      = ["AWS/Lambda", "Throttles", "Sum"]
      dimensions  = { FunctionName = name }
      window_s    = 300
      above       = 0
    }
  }]...)

  whole = {
    "${var.name}-api-5xx" = {
      description = "The API answered 5xx. 503: a part was not there, clients try again. 500: a fault of ours, to be found in the functions' logs."
      metric      = ["AWS/ApiGateway", "5xx", "Sum"]
      dimensions  = { ApiId = var.api_id }
      window_s    = 300
      above       = 0
    }
    "${var.name}-quarantine" = {
      description = "The writer put messages into quarantine that can't be read or name no known ledger. They stay 15 days."
      metric      = [local.namespace, "quarantine", "Sum"]
      dimensions  = {}
      window_s    = 300
      above       = 0
    }
    "${var.name}-unlimited" = {
      description = "Ingest could not read or write the rate limits, and so lets everything through for 5 seconds at a time."
      metric      = [local.namespace, "unlimited", "Sum"]
      dimensions  = {}
      window_s    = 300
      above       = 0
    }
    "${var.name}-integrity" = {
      description = "A function met something stored that contradicts its ledger, or panicked: its log has lines with a member alarm."
      metric      = [local.namespace, "integrity", "Sum"]
      dimensions  = {}
      window_s    = 300
      above       = 0
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "above" {
  for_each = merge(local.lanes, local.functions, local.whole)

  alarm_name          = each.key
  alarm_description   = each.value.description
  namespace           = each.value.metric[0]
  metric_name         = each.value.metric[1]
  statistic           = each.value.metric[2]
  dimensions          = each.value.dimensions
  period              = each.value.window_s
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
}

# The other way round: the schedule alone invokes the writer five times in the window.
resource "aws_cloudwatch_metric_alarm" "silent" {
  alarm_name          = "${var.functions.writer.name}-silent"
  alarm_description   = "${var.functions.writer.name} was not invoked for 5 minutes: the minute's sweep does not run."
  namespace           = "AWS/Lambda"
  metric_name         = "Invocations"
  statistic           = "Sum"
  dimensions          = { FunctionName = var.functions.writer.name }
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = var.topic_arns
  ok_actions          = var.topic_arns
}

resource "aws_cloudwatch_log_metric_filter" "quarantine" {
  name           = "${var.name}-quarantine"
  log_group_name = var.functions.writer.log_group
  pattern        = local.log_patterns.quarantine

  metric_transformation {
    namespace = local.namespace
    name      = "quarantine"
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "unlimited" {
  name           = "${var.name}-unlimited"
  log_group_name = var.functions.ingest.log_group
  pattern        = local.log_patterns.unlimited

  metric_transformation {
    namespace = local.namespace
    name      = "unlimited"
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "integrity" {
  for_each = var.functions

  name           = "${each.value.name}-integrity"
  log_group_name = each.value.log_group
  pattern        = local.log_patterns.integrity

  metric_transformation {
    namespace = local.namespace
    name      = "integrity"
    value     = "1"
  }
}
