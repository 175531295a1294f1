CREATE TABLE "audit_heads" (
	"protocol" text PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"protocol" text NOT NULL,
	"sequence" bigint NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"actor" text NOT NULL,
	"action" text NOT NULL,
	"subject" text NOT NULL,
	"details" jsonb NOT NULL,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "audit_log_protocol_sequence_pk" PRIMARY KEY("protocol","sequence")
);
--> statement-breakpoint
CREATE TABLE "governance_policies" (
	"protocol" text PRIMARY KEY NOT NULL,
	"signers" text[] NOT NULL,
	"threshold" integer NOT NULL,
	"time_lock_seconds" integer NOT NULL,
	"notice_seconds" integer NOT NULL,
	"approval_seconds" integer NOT NULL,
	"chain_id" bigint NOT NULL,
	"verifying_contract" text NOT NULL,
	"bounds" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "market_freezes" (
	"protocol" text NOT NULL,
	"market" text NOT NULL,
	"reason" text NOT NULL,
	"frozen_by" text NOT NULL,
	"frozen_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "market_freezes_protocol_market_pk" PRIMARY KEY("protocol","market")
);
--> statement-breakpoint
CREATE TABLE "proposal_approvals" (
	"proposal" text NOT NULL,
	"signer" text NOT NULL,
	"signature" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "proposal_approvals_proposal_signer_pk" PRIMARY KEY("proposal","signer")
);
--> statement-breakpoint
CREATE TABLE "proposal_impacts" (
	"proposal" text NOT NULL,
	"account" text NOT NULL,
	"status_before" text NOT NULL,
	"status_after" text NOT NULL,
	"initial_before_wad" numeric(78, 0) NOT NULL,
	"initial_after_wad" numeric(78, 0) NOT NULL,
	"maintenance_before_wad" numeric(78, 0) NOT NULL,
	"maintenance_after_wad" numeric(78, 0) NOT NULL,
	"net_initial_after_wad" numeric(78, 0) NOT NULL,
	"net_maintenance_after_wad" numeric(78, 0) NOT NULL,
	CONSTRAINT "proposal_impacts_proposal_account_pk" PRIMARY KEY("proposal","account")
);
--> statement-breakpoint
CREATE TABLE "proposals" (
	"id" text PRIMARY KEY NOT NULL,
	"protocol" text NOT NULL,
	"title" text NOT NULL,
	"module_id" text NOT NULL,
	"module_version" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"parameters_hash" text NOT NULL,
	"base_hash" text NOT NULL,
	"policy" jsonb NOT NULL,
	"state" text NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"deadline" timestamp (3) with time zone NOT NULL,
	"impact" jsonb,
	"approved_at" timestamp (3) with time zone,
	"executable_at" timestamp (3) with time zone,
	"closed_at" timestamp (3) with time zone,
	"closed_reason" text,
	"effective_from" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "risk_configurations" (
	"protocol" text NOT NULL,
	"version" integer NOT NULL,
	"module_id" text NOT NULL,
	"module_version" text NOT NULL,
	"parameters" jsonb NOT NULL,
	"parameters_hash" text NOT NULL,
	"effective_from" timestamp (3) with time zone NOT NULL,
	"proposal" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "risk_configurations_protocol_version_pk" PRIMARY KEY("protocol","version"),
	CONSTRAINT "risk_configurations_proposal_unique" UNIQUE("proposal")
);
--> statement-breakpoint
CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"protocol" text NOT NULL,
	"name" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"rotated_from" text,
	CONSTRAINT "api_keys_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "protocols" (
	"id" text PRIMARY KEY NOT NULL,
	"requests_per_minute" integer,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "watched_states" (
	"kind" text NOT NULL,
	"subject" text NOT NULL,
	"state" text NOT NULL,
	"changed_at" timestamp (3) with time zone NOT NULL,
	"version" bigint NOT NULL,
	CONSTRAINT "watched_states_kind_subject_pk" PRIMARY KEY("kind","subject")
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"webhook" text NOT NULL,
	"protocol" text NOT NULL,
	"event" text NOT NULL,
	"body" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_status" integer,
	"last_error" text,
	"created_at" timestamp (3) with time zone NOT NULL,
	"delivered_at" timestamp (3) with time zone,
	"round" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"id" text PRIMARY KEY NOT NULL,
	"protocol" text NOT NULL,
	"url" text NOT NULL,
	"events" text[] NOT NULL,
	"secret" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "proposals_by_protocol" ON "proposals" USING btree ("protocol","created_at","id");--> statement-breakpoint
CREATE INDEX "proposals_by_state" ON "proposals" USING btree ("state");--> statement-breakpoint
CREATE INDEX "api_keys_by_protocol" ON "api_keys" USING btree ("protocol","created_at");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_by_webhook" ON "webhook_deliveries" USING btree ("webhook","created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_by_protocol" ON "webhook_deliveries" USING btree ("protocol","created_at","id");--> statement-breakpoint
CREATE INDEX "webhook_deliveries_created_at" ON "webhook_deliveries" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "webhooks_by_protocol" ON "webhooks" USING btree ("protocol","id");--> statement-breakpoint
CREATE OR REPLACE FUNCTION "audit_log_is_append_only"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_log is append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END;
$$;--> statement-breakpoint
CREATE TRIGGER "audit_log_no_change" BEFORE UPDATE OR DELETE ON "audit_log"
  FOR EACH ROW EXECUTE FUNCTION "audit_log_is_append_only"();--> statement-breakpoint
CREATE TRIGGER "audit_log_no_truncate" BEFORE TRUNCATE ON "audit_log"
  FOR EACH STATEMENT EXECUTE FUNCTION "audit_log_is_append_only"();
