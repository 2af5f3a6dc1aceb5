variable "name" {
  description = "Prefix of every name in this deployment."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,30}$", var.name))
    error_message = "The name must be 2 to 31 characters of a-z, 0-9 and '-'."
  }
}

variable "bucket_suffix" {
  description = "What follows the names of buckets, because those are shared by all of AWS; empty on the emulator."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(-[a-z0-9]+)?$", var.bucket_suffix))
    error_message = "Empty, or '-' and then letters and digits."
  }
}

variable "place" {
  description = "AWS partition, region and account that all of this is in."
  type = object({
    partition  = optional(string, "aws")
    region     = string
    account_id = string
  })

  validation {
    condition     = startswith(var.place.partition, "aws")
    error_message = "A partition begins with 'aws'."
  }

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.place.region))
    error_message = "The region must be a region's code, such as eu-central-1."
  }

  validation {
    condition     = can(regex("^[0-9]{12}$", var.place.account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "domain" {
  description = "Domain that ledgers' origins begin with: <domain>/<tenant>/<ledger>. It is signed into every checkpoint and never changes."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$", var.domain))
    error_message = "A domain name in lower case."
  }
}

variable "retention_classes" {
  description = "Days of write-once retention of each class. A ledger keeps its class for ever; a class once in use can't be taken away, nor its days lowered for what is written."
  type        = map(number)
  default = {
    "7y"  = 2557
    trial = 1
  }

  validation {
    condition     = length(var.retention_classes) > 0 && alltrue([for class in keys(var.retention_classes) : can(regex("^[a-z0-9]{1,12}$", class))])
    error_message = "At least one class; a class is 1 to 12 of a-z and 0-9."
  }
}

variable "expiring_classes" {
  description = "Retention classes whose objects are deleted when their lock has run out. Any other class keeps them until somebody deletes them."
  type        = set(string)
  default     = []
}

variable "edge_secret_hashes" {
  description = "SHA-256, in hexadecimal, of what requests must show to have come by way of the edge: two while one takes the other's place. Empty: there is no edge, and whoever reaches the API is heard."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for hash in var.edge_secret_hashes : can(regex("^[0-9a-f]{64}$", hash))])
    error_message = "Each is a SHA-256 in hexadecimal."
  }
}

variable "zip_directory" {
  description = "Directory that holds ingest.zip, writer.zip and query.zip."
  type        = string
}

variable "functions" {
  description = "Memory in MiB, timeout in seconds and reserved concurrency (null: none) of each function."
  type = object({
    ingest = optional(object({
      memory_mb            = optional(number, 1024)
      timeout_s            = optional(number, 15)
      reserved_concurrency = optional(number)
    }), {})
    writer = optional(object({
      memory_mb            = optional(number, 1024)
      timeout_s            = optional(number, 20)
      reserved_concurrency = optional(number)
    }), {})
    query = optional(object({
      memory_mb            = optional(number, 512)
      timeout_s            = optional(number, 15)
      reserved_concurrency = optional(number)
    }), {})
  })
  default = {}
}

variable "log_filter" {
  description = "What the functions log, as a tracing filter."
  type        = string
  default     = "info"
}

variable "log_retention_days" {
  description = "Days for which the functions' logs are kept."
  type        = number
  default     = 90
}

variable "lane_count" {
  description = "Number of lanes between ingest and writer. Only ever add."
  type        = number
  default     = 1
}

variable "visibility_timeout_s" {
  description = "Seconds for which a message that the writer has is hidden from others."
  type        = number
  default     = 30
}

variable "visibility_covers_writer" {
  description = "Whether a visibility below the writer's timeout and the batching window together is refused. False on the emulator only."
  type        = bool
  default     = true
}

variable "batching_window_s" {
  description = "Seconds for which the writer's batch is gathered."
  type        = number
  default     = 5

  validation {
    condition     = var.batching_window_s >= 1 && var.batching_window_s <= 300
    error_message = "1 to 300 seconds; a batch of more than 10 needs at least 1."
  }
}

variable "writer_concurrency" {
  description = "Most writers at work on one lane at a time."
  type        = number
  default     = 2

  validation {
    condition     = var.writer_concurrency >= 2 && var.writer_concurrency <= 1000
    error_message = "Lambda takes 2 to 1,000; two writers on one ledger are safe."
  }
}

variable "throttle" {
  description = "Requests a second, and the burst above it, over all callers of the API together. Null: the account's own limit."
  type = object({
    rate  = number
    burst = number
  })
  default = null
}

variable "rate_limit" {
  description = "Records that a tenant without a limit of its own may send: so many a second, and so many at once after a pause."
  type = object({
    records_per_second = number
    burst_records      = number
  })
  default = {
    records_per_second = 2000
    burst_records      = 240000
  }

  validation {
    condition     = var.rate_limit.records_per_second >= 1 && var.rate_limit.burst_records >= 2000
    error_message = "At least 1 record a second, and 2,000 at once: a request has up to 500, and half of the burst is kept for quiet keys."
  }
}

variable "access_log_retention_days" {
  description = "Days for which the API's access log is kept; null makes none."
  type        = number
  default     = 90
}

variable "alarm_topic_arns" {
  description = "SNS topics that hear of alarms. Empty: the alarms exist and tell nobody. Null: there are none."
  type        = list(string)
  default     = null
}

variable "deletion_protection" {
  description = "Whether the tables refuse to be deleted."
  type        = bool
  default     = true
}

variable "deploy_principal_arns" {
  description = "ARNs that may change lock, versioning, policy and lifecycle of the records buckets."
  type        = list(string)
}

variable "operator_principal_arns" {
  description = "ARNs that may assume the operator's role, to run audit-admin."
  type        = list(string)
}

variable "assuming_principal_arns" {
  description = "ARNs that may assume the functions' roles beside Lambda, for tests. Empty on AWS."
  type        = list(string)
  default     = []
}

variable "require_conditional_writes" {
  description = "Whether records buckets refuse a PUT without If-None-Match; false on the emulator only, which doesn't know the condition key."
  type        = bool
  default     = true
}

variable "require_tls" {
  description = "Whether buckets refuse requests without TLS; false on the emulator only, which serves plain HTTP."
  type        = bool
  default     = true
}

variable "kms_request_conditions" {
  description = "Whether use of the KMS key demands an encryption context; false on the emulator only, which knows no kms: condition key."
  type        = bool
  default     = true
}

variable "holding_days" {
  description = "Days after which staged and quarantined objects are deleted; null, never, on the emulator only."
  type        = number
  default     = 15
}

variable "batch_actions" {
  description = "Whether SQS's batch calls are granted by names of their own; true on the emulator only, which asks for them."
  type        = bool
  default     = false
}
