# The operator's role, in which audit-admin runs: it makes tenants, ledgers and API
# keys, verifies and rebuilds. It can delete nothing and commit no record.

locals {
  trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "OperatorsRunAuditAdmin"
      Effect    = "Allow"
      Principal = { AWS = var.principal_arns }
      Action    = "sts:AssumeRole"
    }]
  })
}

resource "aws_iam_role" "this" {
  name               = var.name
  description        = "Runs audit-admin"
  assume_role_policy = local.trust
}

resource "aws_iam_role_policy" "this" {
  name   = "operator"
  role   = aws_iam_role.this.id
  policy = var.policy
}
