# Where state knows a resource by an older address, so that an apply moves it in place of
# making it a second time under a name that is taken.

moved {
  from = module.ingest
  to   = module.function["ingest"]
}

moved {
  from = module.writer
  to   = module.function["writer"]
}

moved {
  from = module.query
  to   = module.function["query"]
}
