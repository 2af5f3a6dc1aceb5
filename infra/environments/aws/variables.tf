variable "name" {
  description = "Prefix of every name. Two deployments in one account need two names."
  type        = string
  default     = "audit-layer"
}

variable "region" {
  description = "AWS region to deploy to."
  type        = string
}

variable "domain" {
  description = "Domain that ledgers' origins begin with, one that you own: it is signed into every checkpoint and never changes."
  type        = string
}

variable "certificate_arn" {
  description = "ARN of the domain's certificate in ACM, in us-east-1, where CloudFront looks for it."
  type        = string
}

variable "edge_secrets" {
  description = "What the distribution shows the functions with each request: the first one is shown, each one is taken. Two while the second takes the first one's place."
  type        = list(string)
  sensitive   = true

  validation {
    condition     = length(var.edge_secrets) > 0 && alltrue([for secret in var.edge_secrets : can(regex("^[A-Za-z0-9_-]{32,128}$", secret))])
    error_message = "At least one, each of 32 to 128 letters, digits, '_' and '-', random: openssl rand -hex 32."
  }
}

variable "requests_per_address" {
  description = "Requests of one IP address in 5 minutes, from which on the firewall refuses it."
  type        = number
  default     = 60000
}

variable "price_class" {
  description = "Which of CloudFront's locations are used: PriceClass_100 (Europe and North America), PriceClass_200 or PriceClass_All."
  type        = string
  default     = "PriceClass_100"
}

variable "budget" {
  description = "Dollars a month for this deployment, and who hears at 80 % spent or 100 % foreseen. Null: no budget."
  type = object({
    usd_per_month = number
    emails        = list(string)
  })
  default = null
}

variable "zip_directory" {
  description = "Directory that holds ingest.zip, writer.zip and query.zip, as `cargo xtask package` leaves them."
  type        = string
}

variable "deploy_role_arn" {
  description = "ARN of the role that applies this. Nobody else may change lock, versioning, policy or lifecycle of the records buckets."
  type        = string

  validation {
    condition     = can(regex("^arn:aws[a-z-]*:iam::[0-9]{12}:role/[^*]+$", var.deploy_role_arn))
    error_message = "A role's ARN, without wildcards."
  }
}

variable "operator_principal_arns" {
  description = "ARNs of the people and pipelines that may assume the operator's role, to run audit-admin."
  type        = list(string)
}

variable "retention_classes" {
  description = "Days of write-once retention of each class. A class once in use can't be taken away, nor its days lowered for what is written."
  type        = map(number)
  default = {
    "7y"  = 2557
    trial = 1
  }
}

variable "expiring_classes" {
  description = "Retention classes whose objects are deleted when their lock has run out. A ledger of such a class loses its records then, by design."
  type        = set(string)
  default     = []
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

variable "lane_count" {
  description = "Number of lanes between ingest and writer. Only ever add."
  type        = number
  default     = 1
}

variable "batching_window_s" {
  description = "Seconds for which the writer's batch is gathered: longer is cheaper, shorter is sooner."
  type        = number
  default     = 5
}

variable "visibility_timeout_s" {
  description = "Seconds for which a message that a writer has is hidden from others: at least the writer's timeout and the batching window together."
  type        = number
  default     = 30
}

variable "writer_concurrency" {
  description = "Most writers at work on one lane at a time."
  type        = number
  default     = 2
}

variable "log_filter" {
  description = "What the functions log, as a tracing filter."
  type        = string
  default     = "info"
}

variable "log_retention_days" {
  description = "Days for which functions' and access logs are kept."
  type        = number
  default     = 90
}

variable "throttle" {
  description = "Requests a second, and the burst above it, over all callers of the API together."
  type = object({
    rate  = number
    burst = number
  })
  default = {
    rate  = 500
    burst = 1000
  }
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

variable "alarm_topic_arns" {
  description = "SNS topics that hear of alarms. Empty: the alarms exist and tell nobody."
  type        = list(string)
  default     = []
}
