# One retention class: a bucket whose every object is write-once. Object Lock in
# COMPLIANCE mode holds each version against everybody, the account's root user
# included; versioning keeps what a marker would hide; the policy below refuses what
# would only confuse a reader (markers, second versions), and changes of the lock.
#
# The lock stands as the bucket's default, so that a PUT carries no lock headers and
# no role ever needs s3:PutObjectRetention.

locals {
  arn     = "arn:${var.place.partition}:s3:::${var.bucket}"
  objects = "${local.arn}/*"

  # Everybody, whatever their own policies allow.
  nobody_may = {
    Effect    = "Deny"
    Principal = "*"
  }

  deletions = merge(local.nobody_may, {
    Sid = "NobodyDeletesOrRetains"
    Action = [
      "s3:BypassGovernanceRetention",
      "s3:DeleteObject",
      "s3:DeleteObjectVersion",
      "s3:PutObjectLegalHold",
      "s3:PutObjectRetention",
    ]
    Resource = local.objects
  })

  # s3:ObjectCreationOperation is false for CreateMultipartUpload, UploadPart and
  # UploadPartCopy: an object that came in parts has no single checksum to compare.
  multipart = merge(local.nobody_may, {
    Sid      = "NobodyUploadsInParts"
    Action   = "s3:PutObject"
    Resource = local.objects
    Condition = {
      Bool = { "s3:ObjectCreationOperation" = "false" }
    }
  })

  configuration = merge(local.nobody_may, {
    Sid = "OnlyTheDeployRoleConfigures"
    Action = [
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      "s3:PutBucketAcl",
      "s3:PutBucketObjectLockConfiguration",
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
      "s3:PutReplicationConfiguration",
    ]
    Resource = local.arn
    Condition = {
      ArnNotLike = { "aws:PrincipalArn" = var.deploy_principal_arns }
    }
  })

  overwrites = merge(local.nobody_may, {
    Sid      = "NobodyWritesUnconditionally"
    Action   = "s3:PutObject"
    Resource = local.objects
    Condition = {
      Null = { "s3:if-none-match" = "true" }
    }
  })

  plaintext = merge(local.nobody_may, {
    Sid      = "NobodyComesWithoutTls"
    Action   = "s3:*"
    Resource = [local.arn, local.objects]
    Condition = {
      Bool = { "aws:SecureTransport" = "false" }
    }
  })

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [for s in concat(
      [jsonencode(local.deletions), jsonencode(local.multipart), jsonencode(local.configuration)],
      var.require_conditional_writes ? [jsonencode(local.overwrites)] : [],
      var.require_tls ? [jsonencode(local.plaintext)] : [],
    ) : jsondecode(s)]
  })
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18: every access is by a role of this deployment; CloudTrail's data events are the operator's choice
  # checkov:skip=CKV_AWS_144: S3 keeps each object in three zones; a second region is the operator's choice
  # checkov:skip=CKV2_AWS_62: nothing listens to this bucket
  # checkov:skip=CKV_AWS_145: SSE-S3 on purpose: with a KMS key one deletion would make years of segments unreadable
  # checkov:skip=CKV2_AWS_61: what expires, and whether, is said by retention class
  bucket              = var.bucket
  object_lock_enabled = true
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  bucket = aws_s3_bucket_versioning.this.bucket

  rule {
    default_retention {
      mode = "COMPLIANCE"
      days = var.retention_days
    }
  }
}

# SSE-S3, never a KMS key: nobody can make seven years of segments unreadable by
# deleting one.
resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

# At the end of its lock an object gets a delete marker, and a day later its version goes.
# S3's own lifecycle is bound by the lock, and by no bucket policy.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = var.expire ? 1 : 0

  bucket = aws_s3_bucket_versioning.this.bucket

  rule {
    id     = "expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.retention_days + 1
    }

    noncurrent_version_expiration {
      noncurrent_days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  rule {
    id     = "clear-markers"
    status = "Enabled"

    filter {}

    expiration {
      expired_object_delete_marker = true
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = local.policy

  # Last: from here on only the deploy role may configure the bucket.
  depends_on = [
    aws_s3_bucket_lifecycle_configuration.this,
    aws_s3_bucket_object_lock_configuration.this,
    aws_s3_bucket_ownership_controls.this,
    aws_s3_bucket_public_access_block.this,
    aws_s3_bucket_server_side_encryption_configuration.this,
  ]
}
