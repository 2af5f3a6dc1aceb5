# The one KMS key: it wraps a ledger's data keys (encryption context "ledger") and
# encrypts the staging and quarantine buckets (context "aws:s3:arn").
#
# What is sealed under it can't be read once it is gone, and no copy exists outside
# KMS: nobody but the account's administrators may touch the key itself, and a
# deletion can be taken back for deletion_window_days.

locals {
  # In a key policy the resource is always "*": it means this key, and KMS takes
  # nothing else.
  this_key = "*"

  account = "arn:${var.place.partition}:iam::${var.place.account_id}:root"

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "AccountAdministersTheKey"
        Effect    = "Allow"
        Principal = { AWS = local.account }
        Action = [
          "kms:CancelKeyDeletion",
          "kms:CreateAlias",
          "kms:CreateGrant",
          "kms:DeleteAlias",
          "kms:DescribeKey",
          "kms:DisableKey",
          "kms:EnableKey",
          "kms:EnableKeyRotation",
          "kms:GetKeyPolicy",
          "kms:GetKeyRotationStatus",
          "kms:ListGrants",
          "kms:ListKeyPolicies",
          "kms:ListResourceTags",
          "kms:PutKeyPolicy",
          "kms:RevokeGrant",
          "kms:ScheduleKeyDeletion",
          "kms:TagResource",
          "kms:UntagResource",
          "kms:UpdateAlias",
          "kms:UpdateKeyDescription",
        ]
        Resource = local.this_key
      },
      {
        # Hands the decision on use to the roles' own policies, which name the
        # action, this key and the encryption context.
        Sid       = "RolesUseTheKeyAsTheirPoliciesSay"
        Effect    = "Allow"
        Principal = { AWS = local.account }
        Action = [
          "kms:Decrypt",
          "kms:DescribeKey",
          "kms:GenerateDataKey",
        ]
        Resource = local.this_key
      },
    ]
  })
}

resource "aws_kms_key" "this" {
  description             = "${var.name}: wraps ledger keys, encrypts staging and quarantine"
  deletion_window_in_days = var.deletion_window_days
  # AWS keeps every older version of the key for decryption: rotation orphans nothing.
  enable_key_rotation = true
  policy              = local.policy
}

resource "aws_kms_alias" "this" {
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
