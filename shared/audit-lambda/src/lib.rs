//! What every function needs: configuration, telemetry, authentication and HTTP answers.
