variable "name" {
  description = "Name of the function."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,63}$", var.name))
    error_message = "The name must be 2 to 64 characters of a-z, 0-9 and '-'."
  }
}

variable "description" {
  description = "What the function is for, one line."
  type        = string
}

variable "place" {
  description = "AWS partition, region and account that all of this is in."
  type = object({
    partition  = string
    region     = string
    account_id = string
  })
}

variable "zip_path" {
  description = "Path of the zip that holds the function's bootstrap. It is built elsewhere, never here."
  type        = string

  validation {
    condition     = endswith(var.zip_path, ".zip")
    error_message = "A path that ends with .zip."
  }
}

variable "policy" {
  description = "What the function may do, but for writing its log: a policy document, JSON."
  type        = string

  validation {
    condition     = can(jsondecode(var.policy).Statement)
    error_message = "A policy document in JSON with its statements."
  }
}

variable "environment" {
  description = "Environment of the function."
  type        = map(string)

  validation {
    condition     = alltrue([for key in keys(var.environment) : startswith(key, "AUDIT_")])
    error_message = "Every name begins with AUDIT_: the rest belongs to Lambda."
  }
}

variable "timeout_s" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number

  validation {
    condition     = var.timeout_s >= 1 && var.timeout_s <= 900
    error_message = "Lambda takes 1 to 900 seconds."
  }
}

variable "memory_mb" {
  description = "Memory of the function in MiB; CPU grows with it, one core at 1,769."
  type        = number

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "Lambda takes 128 to 10,240 MiB."
  }
}

variable "architecture" {
  description = "Processor that the zip was built for: x86_64 or arm64."
  type        = string
  default     = "x86_64"

  validation {
    condition     = contains(["x86_64", "arm64"], var.architecture)
    error_message = "x86_64 or arm64."
  }
}

variable "log_retention_days" {
  description = "Days for which the function's log is kept."
  type        = number
  default     = 90

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "One of the periods that CloudWatch Logs knows; never for ever."
  }
}

variable "reserved_concurrency" {
  description = "Concurrent invocations set aside for, and the most allowed to, this function. Null: none, it shares the account's."
  type        = number
  default     = null

  validation {
    condition     = var.reserved_concurrency == null || try(var.reserved_concurrency >= 2, false)
    error_message = "At least 2: an event source mapping can't go below, and 0 would switch the function off."
  }
}

variable "assuming_principal_arns" {
  description = "ARNs that may assume the function's role beside Lambda itself, so that tests can act as the function. Empty on AWS."
  type        = list(string)
  default     = []
}
