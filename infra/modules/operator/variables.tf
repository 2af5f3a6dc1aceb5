variable "name" {
  description = "Name of the role."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,63}$", var.name))
    error_message = "The name must be 2 to 64 characters of a-z, 0-9 and '-'."
  }
}

variable "policy" {
  description = "What the operator may do: a policy document, JSON."
  type        = string

  validation {
    condition     = can(jsondecode(var.policy).Statement)
    error_message = "A policy document in JSON with its statements."
  }
}

variable "principal_arns" {
  description = "ARNs of the people and pipelines that may assume the role to run audit-admin."
  type        = list(string)

  validation {
    condition     = length(var.principal_arns) > 0 && alltrue([for arn in var.principal_arns : can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:[^*]+$", arn))])
    error_message = "Name at least one IAM principal, without wildcards."
  }
}
