# Lanes: standard queues between ingest and writer, each with its dead-letter queue.
# Accepted means that a lane has the record.
#
# A message is tried for days, because an outage of S3 or KMS must not turn good messages
# into dead letters; the writer itself sets poison aside. What does end as a dead letter
# stays until it is 14 days old, SQS's longest, counted from when it was first sent.

locals {
  lanes = { for n in range(var.lane_count) : "lane-${n}" => "${var.name}-lane-${n}" }

  # A message that fails comes back after 15 minutes at the latest, so 900 receives take
  # 9.4 days. It has to be below the 960 that fit into the lane's 10 days: a message that
  # reaches its lane's end is no dead letter, it is gone.
  max_receive_count     = 900
  retention_s           = 10 * 24 * 60 * 60
  dead_letter_retention = 14 * 24 * 60 * 60
}

resource "aws_sqs_queue" "dead_letters" {
  for_each = local.lanes

  name                      = "${each.value}-dlq"
  message_retention_seconds = local.dead_letter_retention
  sqs_managed_sse_enabled   = true
}

resource "aws_sqs_queue" "lane" {
  for_each = local.lanes

  name                       = each.value
  message_retention_seconds  = local.retention_s
  visibility_timeout_seconds = var.visibility_timeout_s
  receive_wait_time_seconds  = 20
  # The most that AWS provider 5 knows; SQS itself would take 1 MiB.
  max_message_size        = 256 * 1024
  sqs_managed_sse_enabled = true

  # Here and not beside the variable: OpenTofu lets a validation see one variable only.
  lifecycle {
    precondition {
      condition     = var.visibility_timeout_s >= var.minimum_visibility_s
      error_message = "The visibility timeout must cover the writer's timeout and the batching window together, ${var.minimum_visibility_s} seconds, or every message would go to two writers."
    }
  }
}

# Apart from the lane, so that both queues are made at the same time: the provider
# waits 25 seconds for each, and again for this.
resource "aws_sqs_queue_redrive_policy" "lane" {
  for_each = local.lanes

  queue_url = aws_sqs_queue.lane[each.key].id

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters[each.key].arn
    maxReceiveCount     = local.max_receive_count
  })
}
