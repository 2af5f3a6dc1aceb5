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

variable "kms_key_arn" {
  description = "ARN of the key that encrypts the objects."
  type        = string
}

variable "expire_days" {
  description = "Days after which an object is deleted. Null: never, on the emulator only, where all goes with the process and the provider would wait 55 seconds for the rule."
  type        = number
  default     = 15

  validation {
    condition     = var.expire_days == null || try(var.expire_days >= 15, false)
    error_message = "At least 15: a message may wait 10 days in its lane and then 14 as a dead letter, and its object must still be there."
  }
}

variable "require_tls" {
  description = "Whether the bucket refuses requests without TLS. False only on the emulator, which serves plain HTTP."
  type        = bool
  default     = true
}
