output "bucket" {
  description = "Name of the bucket, known once its lock and policy stand."
  value       = var.bucket

  depends_on = [aws_s3_bucket_policy.this]
}

output "arn" {
  description = "ARN of the bucket."
  value       = local.arn
}

output "policy" {
  description = "The bucket policy, JSON."
  value       = local.policy
}

output "lock" {
  description = "Mode and days of the lock that every new version gets."
  value = {
    mode = aws_s3_bucket_object_lock_configuration.this.rule[0].default_retention[0].mode
    days = aws_s3_bucket_object_lock_configuration.this.rule[0].default_retention[0].days
  }
}
