variable "bucket" {
  description = "Name of the bucket."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.bucket))
    error_message = "A bucket's name is 3 to 63 characters of a-z, 0-9 and '-', none of them '-' at either end."
  }
}

variable "place" {
  description = "AWS partition, region and account that all of this is in."
  type = object({
    partition  = string
    region     = string
    account_id = string
  })
}

variable "retention_days" {
  description = "Days for which a written version can be neither changed nor deleted, by anybody."
  type        = number

  validation {
    condition     = var.retention_days >= 1 && var.retention_days <= 36500 && floor(var.retention_days) == var.retention_days
    error_message = "Object Lock takes whole days, 1 to 36,500."
  }
}

variable "deploy_principal_arns" {
  description = "ARNs that may change lock, versioning, policy and lifecycle of the bucket (wildcards allowed): the role that applies this."
  type        = list(string)

  validation {
    condition     = length(var.deploy_principal_arns) > 0
    error_message = "Name the deploy role, or only the account's root user could ever change this bucket again."
  }

  validation {
    condition     = alltrue([for arn in var.deploy_principal_arns : can(regex("^arn:aws[a-z-]*:(iam|sts)::[0-9]{12}:[^*]", arn))])
    error_message = "Each must be an IAM or STS ARN with an account and something of a name."
  }
}

variable "expire" {
  description = "Whether an object is deleted when its lock has run out."
  type        = bool
  default     = false
}

variable "require_conditional_writes" {
  description = "Whether the bucket refuses a PUT without If-None-Match. True on AWS. False on the emulator, whose policy evaluator doesn't know s3:if-none-match and would refuse every PUT."
  type        = bool
  default     = true
}

variable "require_tls" {
  description = "Whether the bucket refuses requests without TLS. False only on the emulator, which serves plain HTTP."
  type        = bool
  default     = true
}
