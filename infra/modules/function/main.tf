# One function: the binary, its role, its log. The role may do what the given
# document says, and write to this log group; nothing else.

locals {
  log_group     = "/aws/lambda/${var.name}"
  log_group_arn = "arn:${var.place.partition}:logs:${var.place.region}:${var.place.account_id}:log-group:${local.log_group}"

  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [for s in concat(
      [jsonencode({
        Sid       = "LambdaRunsTheFunction"
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
      })],
      [for arn in var.assuming_principal_arns : jsonencode({
        Effect    = "Allow"
        Principal = { AWS = arn }
        Action    = "sts:AssumeRole"
      })],
    ) : jsondecode(s)]
  })

  write_log = {
    Sid      = "WriteItsLog"
    Effect   = "Allow"
    Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    Resource = ["${local.log_group_arn}:log-stream:*"]
  }

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for s in concat(
      [for s in jsondecode(var.policy).Statement : jsonencode(s)],
      [jsonencode(local.write_log)],
    ) : jsondecode(s)]
  })
}

resource "aws_iam_role" "this" {
  name               = var.name
  description        = "What ${var.name} may do"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "this" {
  name   = "function"
  role   = aws_iam_role.this.id
  policy = local.policy
}

resource "aws_cloudwatch_log_group" "this" {
  # checkov:skip=CKV_AWS_158: no log line holds a record or a key; CloudWatch encrypts with keys of its own
  # checkov:skip=CKV_AWS_338: how long logs are kept is the operator's choice; the records themselves are the audit trail
  name              = local.log_group
  retention_in_days = var.log_retention_days
}

resource "aws_lambda_function" "this" {
  # checkov:skip=CKV_AWS_50: each line of the log carries the request's id; tracing would add an agent's cost to every cold start
  # checkov:skip=CKV_AWS_116: the lane has its dead-letter queue; other invocations are answered at once, or come again in a minute
  # checkov:skip=CKV_AWS_117: it talks to AWS's own APIs alone, over TLS; a VPC would add endpoints to pay for and protect nothing
  # checkov:skip=CKV_AWS_173: the environment holds names and hashes, no secret
  # checkov:skip=CKV_AWS_272: who may deploy decides what runs; the zip is pinned by its hash
  function_name    = var.name
  description      = var.description
  role             = aws_iam_role.this.arn
  filename         = var.zip_path
  source_code_hash = filebase64sha256(var.zip_path)
  # Runs the zip's bootstrap; the handler is a word that the binary never reads.
  runtime                        = "provided.al2023"
  handler                        = "bootstrap"
  architectures                  = [var.architecture]
  timeout                        = var.timeout_s
  memory_size                    = var.memory_mb
  reserved_concurrent_executions = coalesce(var.reserved_concurrency, -1)

  environment {
    variables = var.environment
  }

  logging_config {
    # The functions write JSON lines themselves.
    log_format = "Text"
    log_group  = aws_cloudwatch_log_group.this.name
  }

  depends_on = [aws_iam_role_policy.this]
}
