variable "records_bucket_arns" {
  description = "ARN of the write-once bucket of each retention class."
  type        = map(string)

  validation {
    condition     = length(var.records_bucket_arns) > 0
    error_message = "At least one retention class is needed."
  }
}

variable "staging_bucket_arn" {
  description = "ARN of the bucket for records too large for a queue message."
  type        = string
}

variable "quarantine_bucket_arn" {
  description = "ARN of the bucket for messages that no reader can parse."
  type        = string
}

variable "audit_table_arn" {
  description = "ARN of the derived index."
  type        = string
}

variable "audit_index_names" {
  description = "Names of the global secondary indexes of the derived index."
  type        = set(string)

  validation {
    condition     = length(var.audit_index_names) > 0
    error_message = "The index names are needed: without them query could not filter by actor, subject or chain."
  }
}

variable "keys_table_arn" {
  description = "ARN of the table of scope keys, tenants, ledgers and API keys."
  type        = string
}

variable "lane_arns" {
  description = "ARN of each lane's queue."
  type        = list(string)

  validation {
    condition     = length(var.lane_arns) > 0
    error_message = "At least one lane is needed."
  }
}

variable "kms_key_arn" {
  description = "ARN of the key that wraps ledger keys and encrypts the staging and quarantine buckets."
  type        = string
}

variable "region" {
  description = "AWS region, for the kms:ViaService conditions."
  type        = string
}

variable "kms_request_conditions" {
  description = "Whether statements on the KMS key demand an encryption context and the service that the request came by. True on AWS. False on the emulator, whose policy evaluator knows none of the kms: condition keys and would refuse every call."
  type        = bool
  default     = true
}

variable "batch_actions" {
  description = "Whether SQS's batch calls are granted by names of their own. False on AWS, where sqs:SendMessage and its like cover them and the names don't exist. True on the emulator, which asks for them."
  type        = bool
  default     = false
}
