variable "name" {
  description = "Prefix of every name in this deployment."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}$", var.name))
    error_message = "The name must be 2 to 31 characters of a-z, 0-9 and '-'."
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

variable "deletion_window_days" {
  description = "Days between a request to delete the key and its deletion, in which it can be cancelled."
  type        = number
  default     = 30

  validation {
    condition     = var.deletion_window_days >= 7 && var.deletion_window_days <= 30
    error_message = "KMS takes 7 to 30 days."
  }
}
