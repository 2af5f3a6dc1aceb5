# Each minute the writer is told to roll every ledger forward to its last committed
# segment. Without it a HEAD can lag for ever after a duplicate delivery.

resource "aws_cloudwatch_event_rule" "this" {
  name                = var.name
  description         = "The writer's sweep, each minute"
  schedule_expression = "rate(1 minute)"
}

resource "aws_cloudwatch_event_target" "this" {
  rule  = aws_cloudwatch_event_rule.this.name
  arn   = var.function_arn
  input = jsonencode({ audit = "sweep" })

  # A sweep that comes late is no use: the next one does its work.
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 0
  }
}

resource "aws_lambda_permission" "this" {
  statement_id  = var.name
  action        = "lambda:InvokeFunction"
  function_name = var.function_name
  principal     = "events.amazonaws.com"
  source_arn    = aws_cloudwatch_event_rule.this.arn
}

# An asynchronous invocation that failed would be tried twice more by Lambda itself.
resource "aws_lambda_function_event_invoke_config" "this" {
  function_name                = var.function_name
  maximum_event_age_in_seconds = 60
  maximum_retry_attempts       = 0
}
